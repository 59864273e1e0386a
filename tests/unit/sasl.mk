# unit tests of src/sasl
