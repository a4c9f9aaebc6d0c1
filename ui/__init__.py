"""The Streamlit side: pages, forms, maps, state."""
