"""The page that costs least: what Streamlit itself takes for a script run."""

import streamlit as st

st.write("Ready")
