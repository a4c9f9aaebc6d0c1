"""A page with one map on the background that its address names."""

import streamlit as st

from ui.map_layers import feature_layer, point_features
from ui.maps import park_map
from ui.style import apply_style

st.set_page_config(layout="wide")
apply_style()
asked = st.query_params
if "source" in asked:
    st.session_state["background"] = {
        "name": "own",
        "address": asked["source"],
        "credit": "<b>Bureau</b>",
        "number": "GS(0000)1",
        "shifted": asked.get("shifted") == "1",
    }
park_map(
    [feature_layer("place", "Place", point_features([118.5], [24.8]))],
    view={"center": [24.70, 118.40], "zoom": float(asked.get("zoom", "12"))},
    lang="en",
    height=700,
    key="map",
)
