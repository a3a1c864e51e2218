-- Builds the world of one script and runs the script in it; trusted. A script sees only what is put into `world`.
-- What Argo CD opens (util/lua/lua.go): base, table, and an os with time and date; the rest with useOpenLibs.
-- Left out although Argo CD has them: load*, dofile, module, getfenv, setfenv, io, debug, channel, the rest of os.

local BASE = {
  "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget", "rawset", "select",
  "setmetatable", "tonumber", "tostring", "type", "xpcall", "_VERSION",
}

local function copied(library)
  local copy = {}
  for name, value in pairs(library) do copy[name] = value end
  return copy
end

local function strings()
  local copy = copied(string)
  copy.dump = nil
  return copy
end

local function new_world(open_libs)
  local world = {}
  for _, name in ipairs(BASE) do world[name] = _G[name] end
  world._G = world
  world.unpack = unpack or table.unpack
  world.print = function() end
  world.collectgarbage = function() return 0 end
  world.table = copied(table)
  world.os = {time = os.time, date = os.date}
  local modules = {table = world.table, os = world.os, math = {random = math.random}}
  local of_strings = getmetatable("")
  of_strings.__metatable = false
  of_strings.__index = nil
  if open_libs then
    world.string, world.math, world.coroutine = strings(), copied(math), copied(coroutine)
    of_strings.__index = strings()
    modules.string, modules.math, modules.coroutine = world.string, world.math, world.coroutine
  end
  world.require = function(name)
    if modules[name] == nil then error("module '" .. tostring(name) .. "' is not available", 2) end
    return modules[name]
  end
  return world
end

-- Lua 5.1 sets a function's globals afterwards, later versions when it is loaded.
local function loaded(code, world)
  if setfenv then return setfenv(loadstring(code), world) end
  return load(code, "script", "b", world)
end

return function(code, open_libs, values)
  local world = new_world(open_libs)
  for name, value in pairs(values) do world[name] = value end
  return loaded(code, world)()
end
