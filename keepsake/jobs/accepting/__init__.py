"""How a request becomes a job, or joins the one that is there."""
