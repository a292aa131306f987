using System.IO.Pipelines;
using Microsoft.Net.Http.Headers;

namespace Helix.Gateway.Lane;

/// <summary>The answer to one request after the other.</summary>
internal sealed class LaneResponse(LaneContext context, LaneWriter writer) : HttpResponse
{
    private readonly Stack<(Func<object, Task> Callback, object State)> _starters = new();
    private readonly Stack<(Func<object, Task> Callback, object State)> _enders = new();
    private int _status = StatusCodes.Status200OK;
    private Stream? _body;

    public override HttpContext HttpContext => context;

    /// <exception cref="InvalidOperationException">The answer is on its way.</exception>
    public override int StatusCode
    {
        get => _status;
        set
        {
            ThrowIfStarted("StatusCode");
            _status = value;
        }
    }

    public override IHeaderDictionary Headers => Head;

    /// <summary>The same headers.</summary>
    public LaneHeaders Head { get; } = new(isResponse: true);

    public override Stream Body { get => _body ??= writer.AsStream(leaveOpen: true); set => throw LaneLack.Of("Another stream for the answer"); }

    public override PipeWriter BodyWriter => writer;

    public override long? ContentLength { get => Head.ContentLength; set => Head.ContentLength = value; }

    public override string? ContentType { get => Head[HeaderNames.ContentType]; set => Head[HeaderNames.ContentType] = string.IsNullOrEmpty(value) ? default : value; }

    public override IResponseCookies Cookies => throw LaneLack.Of("A cookie in the answer");

    public override bool HasStarted => writer.HasStarted;

    /// <summary>Somebody wants to be asked before the answer leaves.</summary>
    public bool HasStarters => _starters.Count > 0;

    /// <summary>Somebody wants to be told when the answer has ended.</summary>
    public bool HasEnders => _enders.Count > 0;

    /// <exception cref="InvalidOperationException">The answer is on its way.</exception>
    public override void OnStarting(Func<object, Task> callback, object state)
    {
        ThrowIfStarted("OnStarting");
        _starters.Push((callback, state));
    }

    public override void OnCompleted(Func<object, Task> callback, object state) => _enders.Push((callback, state));

    public override void Redirect(string location, bool permanent) => throw LaneLack.Of("A way to send the client elsewhere");

    public override Task StartAsync(CancellationToken cancellationToken = default) => HasStarted ? Task.CompletedTask : writer.FlushAsync(cancellationToken).AsTask();

    public override Task CompleteAsync() => writer.EndAsync().AsTask();

    /// <summary>Who came last is asked first.</summary>
    public Task RunStartersAsync() => RunAsync(_starters);

    /// <summary>Who came last is told first.</summary>
    public Task RunEndersAsync() => RunAsync(_enders);

    /// <summary>In place of an answer that is none.</summary>
    public void Fail()
    {
        Head.Clear();
        _status = StatusCodes.Status500InternalServerError;
    }

    /// <summary>For the next answer; nothing of this one is left.</summary>
    public void Reset()
    {
        Head.Reset();
        _status = StatusCodes.Status200OK;
        _starters.Clear();
        _enders.Clear();
        _body = null;
    }

    private static async Task RunAsync(Stack<(Func<object, Task> Callback, object State)> callbacks)
    {
        while (callbacks.TryPop(out var one)) await one.Callback(one.State);
    }

    private void ThrowIfStarted(string what)
    {
        if (HasStarted) throw new InvalidOperationException($"{what} cannot be set because the response has already started.");
    }
}
