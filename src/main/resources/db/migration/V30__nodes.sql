-- What it costs to write nodes. A page of a graph's nodes is read through the primary key: it costs as much as the
-- execution has nodes, some microseconds each, and every write of every node cost more than that for the index.
drop index node_execution_of_graph;

-- Each node is written at least twice. Where its page has room for the second row, the index stays as it is, and the
-- room of the first row is used again.
alter table node_execution set (fillfactor = 50);
