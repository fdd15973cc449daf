-- Health of AgoraProject, RtmpConverter and WebPageRecording for Argo CD (Lua 5.1, without libraries).
-- In this order: what is being deleted, what the controller has not seen yet, Suspended, Stalled, Ready; all else goes on.
local function health(status, message)
  return { status = status, message = message }
end

local function condition(type)
  if obj.status ~= nil and obj.status.conditions ~= nil then
    for _, each in ipairs(obj.status.conditions) do
      if each.type == type then
        return each
      end
    end
  end
  return nil
end

if obj.metadata.deletionTimestamp ~= nil then
  local ready = condition("Ready")
  return health("Progressing", ready ~= nil and ready.message or "The resource is being deleted")
end

if obj.status == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  return health("Progressing", "Waiting for the controller to look at this generation")
end

local ready = condition("Ready")
if ready == nil then
  return health("Progressing", "Waiting for the first condition")
end

if ready.reason == "Suspended" then
  return health("Suspended", ready.message)
end

local stalled = condition("Stalled")
if stalled ~= nil and stalled.status == "True" then
  return health("Degraded", stalled.message)
end

local reconciling = condition("Reconciling")
if ready.status == "True" and (reconciling == nil or reconciling.status ~= "True") then
  return health("Healthy", ready.message)
end

return health("Progressing", ready.message)
