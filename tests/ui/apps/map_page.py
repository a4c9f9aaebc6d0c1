"""A page with nothing but the map: what is sent to it and what comes back."""

import json

import geopandas as gpd
import numpy as np
import streamlit as st
from shapely.geometry import Polygon

from ui.map_layers import geojson_layer, points_layer
from ui.maps import park_map

st.set_page_config(layout="wide")
HOSTILE = "<img src=x onerror=\"document.title='owned'\">石材"
count = int(st.query_params.get("points", "400"))
chance = np.random.default_rng(1)
lon, lat = 118.30 + 0.2 * chance.random(count), 24.60 + 0.2 * chance.random(count)
lon[0], lat[0] = 118.40, 24.70
area = gpd.GeoDataFrame(
    geometry=[Polygon([(118.32, 24.62), (118.36, 24.62), (118.36, 24.66), (118.32, 24.66)])], crs=4326
)
layers = [
    geojson_layer(
        "area", "Area", area, tips=[HOSTILE], cards=[[["Name", HOSTILE]]], legend=[["#4477AA", HOSTILE]]
    ),
    points_layer(
        "firms",
        "Firms",
        lon,
        lat,
        category=np.arange(count) % 2,
        palette=["#4477AA", "#EE6677"],
        legend=[("#4477AA", "even"), ("#EE6677", "odd")],
        names=[HOSTILE] + [f"firm {place}" for place in range(1, count)],
    ),
]
answer = park_map(
    layers,
    edit=None,
    edit_rev=1,
    view={"center": [24.70, 118.40], "zoom": 12},
    lang=st.query_params.get("lang", "en"),
    height=700,
    key="map",
)
st.code(json.dumps(answer.drawings), language=None)
st.text(f"click {json.dumps(answer.click, sort_keys=True)}")
