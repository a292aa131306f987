using System.Threading.Tasks.Sources;

namespace Helix.Gateway.Lane;

/// <summary>Somebody may wait here until what was sent has left: one at a time, whom the loop tells.</summary>
internal sealed class LaneDrain : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _core;

    /// <summary>Somebody waits, and what he waits for is the loop's by now. On its thread only.</summary>
    public bool IsAwaited { get; set; }

    public ValueTask Begin()
    {
        _core.Reset();
        return new(this, _core.Version);
    }

    /// <summary>On the loop's thread, where whoever waits goes on. He may send at once, and wait for that.</summary>
    /// <param name="fault">Null where all has left.</param>
    public void End(Exception? fault)
    {
        IsAwaited = false;
        if (fault is null) _core.SetResult(true);
        else _core.SetException(fault);
    }

    public void GetResult(short token) => _core.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _core.OnCompleted(continuation, state, token, flags);
}
