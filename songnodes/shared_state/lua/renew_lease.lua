-- Extend the leases KEYS of the owner ARGV[1] to ARGV[2] milliseconds from now. One that has ended is set again; one of
-- another owner is not changed.
for _, key in ipairs(KEYS) do
  local owner = redis.call('GET', key)
  if not owner or owner == ARGV[1] then
    redis.call('SET', key, ARGV[1], 'PX', ARGV[2])
  end
end
