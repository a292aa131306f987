namespace Helix.Models;

/// <summary>A value that one owner replaces and anyone reads without a lock, with a number that grows and a way to wait for the next one.</summary>
internal sealed class Published<T>(T first) where T : class
{
    private volatile State _state = new(first, 0, NewSignal());

    public T Current => _state.Value;

    public long Version => _state.Version;

    /// <summary>Only the owner calls this, one call at a time.</summary>
    public void Replace(T value)
    {
        var before = _state;
        _state = new State(value, before.Version + 1, NewSignal());
        before.Changed.SetResult();
    }

    /// <summary>Completes when <see cref="Version"/> is above <paramref name="version"/>; at once if it is already.</summary>
    public Task ChangedAsync(long version, CancellationToken cancellationToken)
    {
        var state = _state;
        return state.Version > version ? Task.CompletedTask : state.Changed.Task.WaitAsync(cancellationToken);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed record State(T Value, long Version, TaskCompletionSource Changed);
}
