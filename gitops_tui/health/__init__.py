"""How well an object and an application are, by Argo CD's rules; pure."""
