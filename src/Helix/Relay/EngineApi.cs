using System.Collections.Concurrent;
using Helix.Access;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Gateway;
using Microsoft.AspNetCore.Http.Features;

namespace Helix.Relay;

/// <summary><c>/p/{provider}/…</c>: an engine's own API as it is, for what helix's does not have. Nothing is translated, tried again or counted.</summary>
internal sealed class EngineApi(RelayTools tools, EngineWait engines, Func<HelixConfig> config) : IDisposable
{
    /// <summary>Says whose engine is meant, where a provider serves several models.</summary>
    public const string ModelHeader = "x-helix-model";

    private readonly ConcurrentDictionary<string, EngineRelay> _relays = new(StringComparer.Ordinal);

    public async Task ServeAsync(HttpContext context, string provider)
    {
        if (TargetOf(context.Features.Get<IHttpRequestFeature>()!.RawTarget) is not { } target)
        {
            await ApiAnswer.RefuseAsync(context, 400, new("bad_target", "This is not a path.", "Ask for /p/PROVIDER/ and the path at the engine."));
            return;
        }

        var named = context.Request.Headers[ModelHeader].ToString() is { Length: > 0 } name ? name : null;
        if (RelayTarget.ModelAt(tools.Fleet, provider, named) is not { } model)
        {
            await ApiAnswer.RefuseAsync(context, 404, new("not_found", named is null ? $"{provider} is no provider that serves a model here." : $"{provider} does not serve the model '{named}'.", "helix local-llm list shows the providers, helix models list the models."));
            return;
        }

        var (backend, refusal) = await engines.ReadyAsync(provider, model, context.RequestAborted);
        if (backend is null)
        {
            context.Response.Headers.RetryAfter = "5";
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, refusal!);
            return;
        }

        if (backend.Cloud is not null)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status409Conflict, new("conflict", $"{provider} is a cloud: what it is asked costs, and is asked through the gateway only.", $"Ask under /v1 for the model {model}."));
            return;
        }

        await PassAsync(context, target, model, backend);
    }

    public void Dispose()
    {
        foreach (var relay in _relays.Values) relay.Dispose();
    }

    private async Task PassAsync(HttpContext context, string target, string model, Backend backend)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature) feature.MaxRequestBodySize = (long)config().Gateway.MaxBodyMegabytes << 20;
        var (instance, provider) = (backend.Instance, backend.Provider);
        var relay = _relays.GetOrAdd(instance, _ => new EngineRelay(() => BackendOf(instance)?.Endpoint, provider, cookieName: null));
        (context.Response.Headers["x-helix-provider"], context.Response.Headers[ModelHeader]) = (provider, HeaderWords.Of(model));
        // what it works on counts as work: it is not put to sleep
        var traffic = tools.Counters.Of(instance);
        traffic.BeginOther();
        try
        {
            await relay.PassAsync(context, target, backend.Key, () => { });
        }
        catch (Exception left) when (left is OperationCanceledException or IOException and not BadHttpRequestException)
        {
            // the client or the engine has left: whoever is still there sees the connection end
            context.Abort();
        }
        finally
        {
            traffic.EndOther();
        }
    }

    private Backend? BackendOf(string instance) => tools.Fleet.Current.Models.SelectMany(model => model.Seats).Select(seat => seat.Backend).FirstOrDefault(backend => backend?.Instance == instance);

    /// <summary>What comes behind <c>/p/PROVIDER</c>, as it was sent.</summary>
    private static string? TargetOf(string raw)
    {
        const string begin = "/p/";
        if (!raw.StartsWith(begin, StringComparison.OrdinalIgnoreCase)) return null;
        var end = begin.Length - 1;
        var path = raw.AsSpan(end + 1).IndexOfAny('/', '?');
        return path < 0 ? "/" : raw[end + 1 + path] == '?' ? "/" + raw[(end + 1 + path)..] : raw[(end + 1 + path)..];
    }
}
