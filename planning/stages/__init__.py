"""The steps of planning: one file a step with its Params, Result and function."""
