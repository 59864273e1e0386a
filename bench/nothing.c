/* Linked with all that smtpprobe is linked with, and does nothing: the floor that the libraries set. */
int main(void)
{
    return 0;
}
