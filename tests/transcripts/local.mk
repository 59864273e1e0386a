# transcripts
