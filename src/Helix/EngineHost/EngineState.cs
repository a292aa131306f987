using Helix.Core.Models;
using Helix.Engine;
using Helix.Engine.Native;
using Helix.Engine.Scheduling;

namespace Helix.EngineHost;

/// <summary>What stands behind the engine's socket at one moment.</summary>
internal abstract record EngineState
{
    private EngineState() { }

    /// <param name="Progress">Share of the model that is loaded, 0 to 1.</param>
    internal sealed record Loading(float Progress) : EngineState;

    internal sealed record Ready(ServedEngine Engine) : EngineState;
}

/// <summary>A model that takes questions.</summary>
/// <param name="Created">When it was loaded, in seconds since 1970.</param>
internal sealed record ServedEngine(string Alias, LoadedModel Model, Scheduler Scheduler, long Created)
{
    /// <summary>The self-test says in every answer that it is one.</summary>
    public string Fingerprint { get; } = Alias == SelfTestModel.Id ? SelfTestModel.Id : $"llama.cpp-{LlamaLibrary.Release}";
}
