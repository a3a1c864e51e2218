"""What a sync does and in which order, by Argo CD's rules; pure: the engine does what the values say."""
