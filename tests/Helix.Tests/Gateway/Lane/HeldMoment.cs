namespace Helix.Tests.Gateway.Lane;

/// <summary>A time in which nothing is ever over, until the test says so.</summary>
internal sealed class HeldMoment : TimeProvider
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Action? _over;

    public Task Begun => _begun.Task;

    public void Pass() => _over?.Invoke();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _over ??= () => callback(state);
        _begun.TrySetResult();
        return new Nothing();
    }

    private sealed class Nothing : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
