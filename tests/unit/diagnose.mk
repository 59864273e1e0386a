# unit tests of src/diagnose
