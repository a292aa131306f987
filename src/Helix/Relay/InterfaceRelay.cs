using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Helix.Core.Relay;
using Helix.Fleet;
using Helix.Gateway;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Helix.Relay;

/// <summary>What every relay works with.</summary>
internal sealed record RelayTools(IFleetView Fleet, GatewayCounters Counters, Func<string, EngineGrant> GrantOf, TimeProvider Time);

/// <summary>
/// An engine's own web interface on a port of 127.0.0.1, for the one browser in which its link was opened.
/// It closes when it was not used for a while, or at a given moment.
/// </summary>
internal sealed class InterfaceRelay : IAsyncDisposable
{
    public static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_keepAwake = TimeSpan.FromSeconds(30);

    private readonly RelayTarget _target;
    private readonly RelayTools _tools;
    private readonly TimeSpan? _span;
    private readonly long _begun;
    private readonly string _link = Secret();
    private readonly string _cookie = Secret();
    private readonly CancellationTokenSource _close = new();
    private readonly WebApplication _app;
    private EngineRelay? _engine;
    private string _cookieName = "";
    private int _linkIsUsed;
    private int _busy;
    private long _lastUse;
    private long _lastWant;

    private InterfaceRelay(RelayTarget target, TimeSpan? span, RelayTools tools)
    {
        (_target, _span, _tools) = (target, span, tools);
        _begun = _lastUse = _lastWant = tools.Time.GetTimestamp();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null; // the engine has its own limit
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    /// <summary>Works once.</summary>
    public string Url { get; private set; } = "";

    /// <summary>Completes when it is closed, by itself or not.</summary>
    public Task Closed { get; private set; } = Task.CompletedTask;

    /// <param name="span">After which it closes; null: when it was not used for <see cref="IdleLimit"/>.</param>
    public static async Task<InterfaceRelay> StartAsync(RelayTarget target, TimeSpan? span, RelayTools tools)
    {
        var relay = new InterfaceRelay(target, span, tools);
        await relay._app.StartAsync();
        var address = new Uri(relay._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        // cookies know no ports: the name keeps two relays apart
        relay._cookieName = string.Create(CultureInfo.InvariantCulture, $"helix-open-{address.Port}");
        relay._engine = new EngineRelay(() => target.In(tools.Fleet.Current) is { } backend ? target.EndpointOf(backend, tools.GrantOf) : null, target.Provider, relay._cookieName);
        relay.Url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{address.Port}{RelayDoor.LinkPath}{relay._link}");
        relay.Closed = relay.WatchAsync();
        return relay;
    }

    public async ValueTask DisposeAsync()
    {
        if (!Closed.IsCompleted) await _close.CancelAsync();
        await Closed;
        _close.Dispose();
    }

    private async Task WatchAsync()
    {
        try
        {
            while (!IsOver()) await Task.Delay(_span is { } span && span < s_look ? span : s_look, _tools.Time, _close.Token);
        }
        catch (OperationCanceledException)
        {
            // told to close
        }

        await _app.DisposeAsync();
        _engine?.Dispose();
    }

    private bool IsOver() => _span is { } span
        ? _tools.Time.GetElapsedTime(_begun) >= span
        : Volatile.Read(ref _busy) == 0 && _tools.Time.GetElapsedTime(Volatile.Read(ref _lastUse)) >= IdleLimit;

    private async Task HandleAsync(HttpContext context)
    {
        try
        {
            switch (Decide(context))
            {
                case RelayDecision.Refuse(var status, var words): await EngineRelay.RefuseAsync(context, status, words); break;
                case RelayDecision.Enter: await EnterAsync(context); break;
                default: await PassAsync(context); break;
            }
        }
        catch (Exception left) when (left is OperationCanceledException or IOException)
        {
            // the browser or the engine has left: whoever is still there sees the connection end
            context.Abort();
        }
    }

    private RelayDecision Decide(HttpContext context)
    {
        var headers = context.Request.Headers;
        return RelayDoor.Decide(
            new(
                context.Request.Method, context.Request.Path.Value ?? "", headers.Host.ToString(), new(context.Connection.LocalIpAddress ?? IPAddress.None, context.Connection.LocalPort),
                headers.Origin.Count > 0 ? headers.Origin.ToString() : null, headers["Sec-Fetch-Site"].Count > 0 ? headers["Sec-Fetch-Site"].ToString() : null, RelayHeaders.Cookie(headers.Cookie.ToString(), _cookieName)),
            new(_link, Volatile.Read(ref _linkIsUsed) != 0, _cookie));
    }

    /// <summary>A page of our own leads on: a redirect from elsewhere would come without the strict cookie.</summary>
    private async Task EnterAsync(HttpContext context)
    {
        if (Interlocked.Exchange(ref _linkIsUsed, 1) != 0)
        {
            await EngineRelay.RefuseAsync(context, 403, "This link was used already. Make a new one with: helix local-llm open");
            return;
        }

        Use();
        if (await _engine!.LogInAsync(_target.Interface, _target.In(_tools.Fleet.Current)?.Key, context.RequestAborted) is not { } cookies)
        {
            await EngineRelay.RefuseAsync(context, 502, $"{_target.Provider} did not let us in: it may be restarting. Make a new link with: helix local-llm open {_target.Provider}");
            return;
        }

        context.Response.Headers.SetCookie = new([$"{_cookieName}={_cookie}; Path=/; HttpOnly; SameSite=Strict", .. cookies]);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync($"<!doctype html><meta http-equiv=\"refresh\" content=\"0; url={WebUtility.HtmlEncode(_target.Interface.Path)}\"><title>{WebUtility.HtmlEncode(_target.Provider)}</title><a href=\"{WebUtility.HtmlEncode(_target.Interface.Path)}\">{WebUtility.HtmlEncode(_target.Provider)}</a>\n", context.RequestAborted);
    }

    private async Task PassAsync(HttpContext context)
    {
        Use();
        if (_target.In(_tools.Fleet.Current) is not { } backend)
        {
            _tools.Fleet.Want(_target.Model, _target.Provider);
            context.Response.Headers.RetryAfter = "5";
            await EngineRelay.RefuseAsync(context, 503, $"{_target.Provider} is being started again. Load the page again in a moment.");
            return;
        }

        // what asks it to do something counts as work: an engine that answers is not put to sleep
        var works = !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method);
        var traffic = works ? _tools.Counters.Of(backend.Instance) : null;
        traffic?.BeginOther();
        if (works) Interlocked.Increment(ref _busy);
        try
        {
            await _engine!.PassAsync(context, context.Features.Get<IHttpRequestFeature>()!.RawTarget, backend.Key, Use);
        }
        finally
        {
            traffic?.EndOther(); // a page is no answer of a model
            if (works) Interlocked.Decrement(ref _busy);
            Use();
        }
    }

    private void Use()
    {
        var now = _tools.Time.GetTimestamp();
        Volatile.Write(ref _lastUse, now);
        if (_tools.Time.GetElapsedTime(Volatile.Read(ref _lastWant), now) < s_keepAwake) return;
        Volatile.Write(ref _lastWant, now);
        _tools.Fleet.Want(_target.Model, _target.Provider);
    }

    private static string Secret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>The daemon alone listens to signals.</summary>
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
