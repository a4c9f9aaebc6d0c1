"""集中 – 集聚 – 集群 and radiation: rules in three-valued logic over what is known of an industry here."""
