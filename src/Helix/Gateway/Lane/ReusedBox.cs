using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace Helix.Gateway.Lane;

/// <summary>What a call of an async method remembers while it waits, and what its caller waits for. Another call's once the caller has asked for the result.</summary>
internal abstract class ReusedBox<T> : IValueTaskSource<T>, IValueTaskSource
{
    private ManualResetValueTaskSourceCore<T> _end;

    /// <summary>Of the call that has it now.</summary>
    public short Version => _end.Version;

    public void SetResult(T result) => _end.SetResult(result);

    public void SetException(Exception error) => _end.SetException(error);

    /// <exception cref="InvalidOperationException">The call is not over, or the box was given back.</exception>
    public T GetResult(short token)
    {
        // who asks too early is told so, and who asks once more by the token; for neither is it given back
        var isOver = _end.GetStatus(token) != ValueTaskSourceStatus.Pending;
        try
        {
            return _end.GetResult(token);
        }
        finally
        {
            if (isOver)
            {
                _end.Reset();
                GiveBack();
            }
        }
    }

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _end.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _end.OnCompleted(continuation, state, token, flags);

    /// <summary>Nobody asks it any more.</summary>
    protected abstract void GiveBack();
}

/// <summary>Those of one method. Each thread keeps some for itself: those of the calls whose results were asked for on it.</summary>
internal sealed class ReusedBox<T, TStateMachine> : ReusedBox<T>
    where TStateMachine : IAsyncStateMachine
{
    /// <summary>As many as a thread keeps; where more calls wait together, what they leave is garbage.</summary>
    private const int MostFree = 256;

    /// <summary>The first of those that this thread keeps.</summary>
    [ThreadStatic]
    private static ReusedBox<T, TStateMachine>? t_free;

    private readonly Action _goOn;
    private readonly ContextCallback _step;
    private TStateMachine _machine = default!;

    /// <summary>Null where the caller wants it not to be passed on.</summary>
    private ExecutionContext? _context;

    private ReusedBox<T, TStateMachine>? _next;

    /// <summary>Of those that are kept: it and all behind it.</summary>
    private int _count;

    private ReusedBox()
    {
        _goOn = GoOn;
        _step = _ => _machine.MoveNext();
    }

    /// <summary>The call has to wait.</summary>
    /// <param name="own">Its box, of <paramref name="machine"/>'s builder; it gets one where it has none yet, and goes on in it.</param>
    /// <returns>Has it go on.</returns>
    public static Action Waits(ref ReusedBox<T>? own, ref TStateMachine machine)
    {
        if (own is not ReusedBox<T, TStateMachine> box)
        {
            // known to the builder before that is copied with the rest
            own = box = Take();
            box._machine = machine;
        }

        box._context = ExecutionContext.Capture();
        return box._goOn;
    }

    protected override void GiveBack()
    {
        _machine = default!;
        _context = null;
        var free = t_free;
        var count = free is null ? 1 : free._count + 1;
        if (count > MostFree) return;
        (_next, _count) = (free, count);
        t_free = this;
    }

    private static ReusedBox<T, TStateMachine> Take()
    {
        if (t_free is not { } box) return new();
        t_free = box._next;
        box._next = null;
        return box;
    }

    private void GoOn()
    {
        // once this is done the box may be another call's already
        if (_context is { } context) ExecutionContext.Run(context, _step, null);
        else _machine.MoveNext();
    }
}
