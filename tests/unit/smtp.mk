# unit tests of src/smtp
