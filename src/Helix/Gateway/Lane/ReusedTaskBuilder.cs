using System.Runtime.CompilerServices;

namespace Helix.Gateway.Lane;

/// <summary>
/// Builds the task of an async method that is called for each request, and has to wait in most of them: <c>[AsyncMethodBuilder(typeof(ReusedTaskBuilder))]</c>. What it remembers while
/// it waits is in a box that was another call's before (<see cref="ReusedBox{T}"/>), and it goes on by one delegate that the box has had all along. As with any other
/// <see cref="ValueTask"/> the caller awaits it once, or makes a task of it; unlike with some, awaiting it again throws.
/// </summary>
internal struct ReusedTaskBuilder
{
    /// <summary>Of a call that does not wait.</summary>
    private AsyncValueTaskMethodBuilder _usual;

    /// <summary>Nothing is in it but the end. Null as long as the call has not waited.</summary>
    private ReusedBox<bool>? _box;

    public ValueTask Task => _box is { } box ? new(box, box.Version) : _usual.Task;

    public static ReusedTaskBuilder Create() => new() { _usual = AsyncValueTaskMethodBuilder.Create() };

    public void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => _usual.Start(ref stateMachine);

    public void SetStateMachine(IAsyncStateMachine stateMachine) => _usual.SetStateMachine(stateMachine);

    public void SetResult()
    {
        if (_box is { } box) box.SetResult(true);
        else _usual.SetResult();
    }

    public void SetException(Exception exception)
    {
        if (_box is { } box) box.SetException(exception);
        else _usual.SetException(exception);
    }

    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.OnCompleted(ReusedBox<bool, TStateMachine>.Waits(ref _box, ref stateMachine));

    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.UnsafeOnCompleted(ReusedBox<bool, TStateMachine>.Waits(ref _box, ref stateMachine));
}

/// <summary>The same for a method that returns something: <c>[AsyncMethodBuilder(typeof(ReusedTaskBuilder&lt;&gt;))]</c>.</summary>
internal struct ReusedTaskBuilder<T>
{
    private AsyncValueTaskMethodBuilder<T> _usual;
    private ReusedBox<T>? _box;

    public ValueTask<T> Task => _box is { } box ? new(box, box.Version) : _usual.Task;

    public static ReusedTaskBuilder<T> Create() => new() { _usual = AsyncValueTaskMethodBuilder<T>.Create() };

    public void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => _usual.Start(ref stateMachine);

    public void SetStateMachine(IAsyncStateMachine stateMachine) => _usual.SetStateMachine(stateMachine);

    public void SetResult(T result)
    {
        if (_box is { } box) box.SetResult(result);
        else _usual.SetResult(result);
    }

    public void SetException(Exception exception)
    {
        if (_box is { } box) box.SetException(exception);
        else _usual.SetException(exception);
    }

    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.OnCompleted(ReusedBox<T, TStateMachine>.Waits(ref _box, ref stateMachine));

    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.UnsafeOnCompleted(ReusedBox<T, TStateMachine>.Waits(ref _box, ref stateMachine));
}
