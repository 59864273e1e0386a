# unit tests of src/dns
