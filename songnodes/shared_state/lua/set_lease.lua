-- Set the leases KEYS of the owner ARGV[1] for ARGV[2] milliseconds, 0 to end them; return 1 for each key whose lease
-- is the owner's, 0 for one of another owner.
local owned = {}
for index, key in ipairs(KEYS) do
  local owner = redis.call('GET', key)
  if owner and owner ~= ARGV[1] then
    owned[index] = 0
  elseif ARGV[2] == '0' then
    redis.call('DEL', key)
    owned[index] = 1
  else
    redis.call('SET', key, ARGV[1], 'PX', ARGV[2])
    owned[index] = 1
  end
end
return owned
