using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Helix.Core.Manifests;
using Helix.Core.Relay;
using Helix.Fleet;
using Microsoft.AspNetCore.Http.Features;

namespace Helix.Relay;

/// <summary>Passes requests on to an engine as they come, and the answers back: pages, event streams and WebSockets.</summary>
/// <param name="endpoint">Where it is at this moment; null while it is nowhere.</param>
/// <param name="cookieName">The relay's own, which the engine does not see; null where there are keys instead of cookies, which it does not see either.</param>
internal sealed class EngineRelay(Func<string?> endpoint, string provider, string? cookieName) : IDisposable
{
    private readonly HttpMessageInvoker _engine = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        ConnectCallback = async (_, cancellationToken) =>
        {
            // a restarted engine may be somewhere else
            var place = endpoint() ?? throw new SocketException((int)SocketError.ConnectionRefused);
            return new NetworkStream(await EngineEndpoint.ConnectAsync(place, cancellationToken), ownsSocket: true);
        },
    });

    /// <summary>What the browser needs to be known to the engine, as values of <c>Set-Cookie</c>; often nothing.</summary>
    /// <returns>Null if the engine does not let anybody in.</returns>
    public async Task<IReadOnlyList<string>?> LogInAsync(OwnInterface its, string? key, CancellationToken cancellationToken)
    {
        if (its.LogIn is not { } logIn) return [];
        if (key is null) return null;
        var form = Placeholders.Fill(logIn.Form, new Dictionary<string, string>(StringComparer.Ordinal) { ["key"] = key });
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("http://127.0.0.1" + logIn.Path)) { Content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded") };
        try
        {
            using var response = await _engine.SendAsync(request, cancellationToken);
            return !response.IsSuccessStatusCode ? null : response.Headers.TryGetValues("Set-Cookie", out var cookies) ? [.. cookies] : [];
        }
        catch (Exception silent) when (silent is HttpRequestException or IOException)
        {
            return null;
        }
    }

    /// <param name="target">What is asked for there, as it is written on the wire.</param>
    /// <param name="key">That the engine wants; null for none.</param>
    /// <param name="used">Called for each piece that the client sends on an open WebSocket.</param>
    public async Task PassAsync(HttpContext context, string target, string? key, Action used)
    {
        var upgrade = context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } feature && HttpMethods.IsGet(context.Request.Method) ? feature : null;
        using var request = RequestFor(context, target, key, upgrade is not null);
        HttpResponseMessage response;
        try
        {
            response = await _engine.SendAsync(request, context.RequestAborted);
        }
        catch (Exception broken) when (BadBody(broken) is { } bad)
        {
            await RefuseAsync(context, bad.StatusCode, bad.Message);
            return;
        }
        catch (Exception silent) when (silent is HttpRequestException or IOException)
        {
            await RefuseAsync(context, 502, $"{provider} did not answer: it may be restarting. Try again in a moment.");
            return;
        }

        using (response)
        {
            context.Response.StatusCode = (int)response.StatusCode;
            foreach (var (name, values) in response.Headers.NonValidated) Copy(name, values);
            foreach (var (name, values) in response.Content.Headers.NonValidated) Copy(name, values);
            if (response.StatusCode == HttpStatusCode.SwitchingProtocols && upgrade is not null)
            {
                context.Response.Headers.Upgrade = string.Join(", ", response.Headers.Upgrade);
                await BridgeAsync(context, upgrade, await response.Content.ReadAsStreamAsync(context.RequestAborted), used);
                return;
            }

            await CopyAsync(await response.Content.ReadAsStreamAsync(context.RequestAborted), context.Response.Body, () => { }, context.RequestAborted);
        }

        void Copy(string name, HeaderStringValues values)
        {
            if (RelayHeaders.IsPassed(name) && (cookieName is not null || !RelayHeaders.IsOfGateway(name))) context.Response.Headers[name] = values.ToArray();
        }
    }

    /// <summary>What is wrong with what the client sends, where that is what broke the request.</summary>
    private static BadHttpRequestException? BadBody(Exception? broken) => broken is null ? null : broken as BadHttpRequestException ?? BadBody(broken.InnerException);

    public static async Task RefuseAsync(HttpContext context, int status, string words)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsync(words + "\n", context.RequestAborted);
    }

    public void Dispose() => _engine.Dispose();

    /// <summary>As the browser sent it: the engine sees the name that stands in the address bar, and its checks of host and origin hold.</summary>
    private HttpRequestMessage RequestFor(HttpContext context, string target, string? key, bool isUpgrade)
    {
        var asked = context.Request;
        var request = new HttpRequestMessage(new HttpMethod(asked.Method), new Uri($"http://engine{target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }))
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (asked.ContentLength is > 0 || asked.Headers.TransferEncoding.Count > 0 || (asked.ContentLength == 0 && !HttpMethods.IsGet(asked.Method) && !HttpMethods.IsHead(asked.Method)))
            request.Content = new StreamContent(asked.Body);
        foreach (var (name, values) in asked.Headers)
        {
            if (!RelayHeaders.IsPassed(name)) continue;
            string?[] sent = cookieName is not null && name.Equals("Cookie", StringComparison.OrdinalIgnoreCase) ? [RelayHeaders.WithoutCookie(values.ToString(), cookieName)] : values.ToArray();
            if (sent is [null] || (key is not null && name.Equals("Authorization", StringComparison.OrdinalIgnoreCase)) || (cookieName is null && RelayHeaders.BringsKey(name))) continue;
            if (!request.Headers.TryAddWithoutValidation(name, sent)) request.Content?.Headers.TryAddWithoutValidation(name, sent);
        }

        if (key is not null) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        if (isUpgrade)
        {
            request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
            request.Headers.TryAddWithoutValidation("Upgrade", asked.Headers.Upgrade.ToString());
        }

        return request;
    }

    private static async Task BridgeAsync(HttpContext context, IHttpUpgradeFeature upgrade, Stream engine, Action used)
    {
        await using var browser = await upgrade.UpgradeAsync();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        Task[] ways = [CopyAsync(browser, engine, used, over.Token), CopyAsync(engine, browser, () => { }, over.Token)];
        await Task.WhenAny(ways);
        // the end of one way is the end of both
        await over.CancelAsync();
        try
        {
            await Task.WhenAll(ways);
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException)
        {
            // the other one has left
        }
    }

    /// <summary>Piece by piece: an event must arrive before the next one is made.</summary>
    private static async Task CopyAsync(Stream from, Stream to, Action passed, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 << 10];
        while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            passed();
            await to.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            await to.FlushAsync(cancellationToken);
        }
    }
}
