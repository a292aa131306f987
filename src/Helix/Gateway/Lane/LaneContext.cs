using System.Security.Claims;
using Helix.Access;
using Helix.Core.Gateway;
using Microsoft.AspNetCore.Http.Features;

namespace Helix.Gateway.Lane;

/// <summary>One request after the other, and its answer, on one connection: no more of them than the way of a plain request to a model needs.</summary>
internal sealed class LaneContext : HttpContext
{
    private readonly Action _abort;
    private readonly Action<Action<object?>, object?> _later;
    private readonly Func<bool> _closes;
    private readonly LaneWriter _writer;
    private readonly LaneRequest _request;
    private FeatureCollection? _features;
    private IDictionary<object, object?>? _items;
    private CancellationTokenSource? _aborted;
    private string _traceIdentifier = "";
    private bool _askedToClose;
    private volatile bool _isGone;

    /// <param name="send">Sends bytes to the client, which stay as they are until it is done.</param>
    /// <param name="abort">Closes the connection at once.</param>
    /// <param name="later">Has something done with a state, once whoever runs now is done.</param>
    /// <param name="closes">No further request is taken on this connection.</param>
    public LaneContext(LaneConnectionInfo connection, Func<ReadOnlyMemory<byte>, ValueTask> send, Action abort, Action<Action<object?>, object?> later, Func<bool> closes, TimeProvider time)
    {
        (Connection, _abort, _later, _closes) = (connection, abort, later, closes);
        _writer = new(this, send, time);
        _request = new(this);
        Answer = new(this, _writer);
    }

    /// <summary>Has nothing in it but what somebody puts there.</summary>
    public override IFeatureCollection Features => _features ??= new();

    public override HttpRequest Request => _request;

    public override HttpResponse Response => Answer;

    /// <summary>The same.</summary>
    public LaneResponse Answer { get; }

    public override ConnectionInfo Connection { get; }

    public override WebSocketManager WebSockets => throw LaneLack.Of("A web socket");

    public override ClaimsPrincipal User { get => throw LaneLack.Of("A user"); set => throw LaneLack.Of("A user"); }

    public override IDictionary<object, object?> Items { get => _items ??= new Dictionary<object, object?>(); set => _items = value; }

    /// <summary>Null: whatever serves plain requests was given what it needs.</summary>
    public override IServiceProvider RequestServices { get => null!; set => throw LaneLack.Of("A scope of services"); }

    /// <summary>Cancelled when the client goes, or the request is aborted.</summary>
    public override CancellationToken RequestAborted
    {
        get
        {
            var aborted = Volatile.Read(ref _aborted);
            if (aborted is null)
            {
                var made = new CancellationTokenSource();
                aborted = Interlocked.CompareExchange(ref _aborted, made, null) ?? made;
                // who left meanwhile has not seen it
                if (_isGone) aborted.Cancel();
            }

            return aborted.Token;
        }
        set => throw LaneLack.Of("Another token");
    }

    /// <summary>Empty until somebody gives it one.</summary>
    public override string TraceIdentifier { get => _traceIdentifier; set => _traceIdentifier = value; }

    public override ISession Session { get => throw LaneLack.Of("A session"); set => throw LaneLack.Of("A session"); }

    /// <summary>Nobody hears what is written any more. It stays so.</summary>
    public bool IsGone => _isGone;

    /// <summary>The connection is to be closed after the answer.</summary>
    public bool WantsClose => _askedToClose || _closes();

    /// <summary>Called when whoever serves the request is done, with what he threw. Null where that is for nobody but the connection, which it ends.</summary>
    public Func<HttpContext, Exception?, ValueTask>? Leaving { get; set; }

    /// <summary>What the door read of the head; stays while the head repeats.</summary>
    public HeadFacts? Facts { get; set; }

    /// <summary>Of the connection.</summary>
    public LastKey LastKey { get; } = new();

    /// <summary>The request's head as it came.</summary>
    public ReadOnlyMemory<byte> Head => _request.Head;

    public override void Abort()
    {
        Lose();
        _abort();
    }

    /// <summary>The client has gone. From any thread.</summary>
    public void Lose()
    {
        if (_isGone) return;
        _isGone = true;
        _later(static held => ((LaneContext)held!).Cancel(), this);
    }

    /// <param name="bytes">That the head was read from; they are copied.</param>
    /// <param name="repeats">But for its length, it is the head of the request before.</param>
    public void Begin(in LaneHead head, ReadOnlySpan<byte> bytes, bool repeats = false)
    {
        _askedToClose = head.Closes;
        if (!repeats) Facts = null;
        _request.Begin(in head, bytes, repeats);
    }

    /// <param name="rented">From the shared pool of arrays, to which it is given back when the request is over, or by whoever takes it.</param>
    /// <param name="length">Of the body in it.</param>
    public void Bring(byte[] rented, int length) => _request.Bring(rented, length);

    /// <summary>Of the request before, made use of again for the next once it was given back; null before the first.</summary>
    public RequestBody? Body { get; set; }

    /// <summary>The whole body, without a copy.</summary>
    /// <param name="rented">The caller gives it back to the shared pool of arrays.</param>
    /// <returns>False where it was taken before, or is read by <see cref="HttpRequest.BodyReader"/>.</returns>
    public bool TakeBody(out byte[] rented, out int length) => _request.TakeBody(out rented, out length);

    /// <summary>Writes what is missing of the answer.</summary>
    /// <returns>Whether the connection is good for another request.</returns>
    public ValueTask<bool> EndAsync() => _writer.EndAsync();

    /// <summary>For the next request; nothing of this one is left.</summary>
    public void Reset()
    {
        _request.Reset();
        _writer.Reset();
        Answer.Reset();
        (_items, _traceIdentifier, _askedToClose, Leaving) = (null, "", false, null);
        if (_features is { Revision: > 0 }) _features = null;
        if (_aborted is { } aborted && !aborted.TryReset()) _aborted = null;
    }

    private void Cancel()
    {
        try
        {
            Volatile.Read(ref _aborted)?.Cancel();
        }
        catch (AggregateException)
        {
            // a callback broke that is told of a client's leaving: it does not take the thread of all others with it
        }
    }
}
