using System.Text.Json.Nodes;
using Helix.Contracts;
using Helix.Core.Connect;
using Helix.Tests.Cli.Fakes;
using Microsoft.AspNetCore.Http;

namespace Helix.Tests.Connect;

/// <summary>The verb on a user's folder of its own, against a daemon that keeps keys and answers as the gateway does.</summary>
public abstract class ConnectVerbBase : IAsyncLifetime
{
    private protected const string Mine = "{\n  // mine\n  \"permissions\": {}\n}\n";

    private protected readonly Dictionary<string, string> _keys = new(StringComparer.Ordinal);
    private protected int _made;
    private protected FakeDaemon _daemon = null!;
    private protected CommandLine _line = null!;

    private protected string Settings => Path.Combine(_line.User, ".claude", "settings.json");

    public async ValueTask InitializeAsync()
    {
        _daemon = await FakeDaemon.StartAsync();
        _daemon.Status = _daemon.Status with { Address = _daemon.Gateway };
        _line = CommandLine.With(_daemon);
        _daemon.On("GET /helix/v1/keys", context => FakeDaemon.JsonAsync(context, new KeyList([.. _keys.Select(Report)]), ApiJson.Default.KeyList));
        _daemon.On("POST /helix/v1/keys", context =>
        {
            var name = (string)JsonNode.Parse(_daemon.Asked.Last().Body)!["name"]!;
            _keys[name] = $"hx_{++_made:000000}{new string('k', 37)}";
            return FakeDaemon.JsonAsync(context, new CreatedKey(_keys[name], Report(new(name, _keys[name]))), ApiJson.Default.CreatedKey, 201);
        });
        foreach (var tool in ConnectTools.All)
        {
            _daemon.On($"DELETE /helix/v1/keys/{tool.KeyName}", context => _keys.Remove(tool.KeyName)
                ? FakeDaemon.JsonAsync(context, new Done("revoked"), ApiJson.Default.Done)
                : FakeDaemon.JsonAsync(context, new ApiErrorBody(new("not_found", "no such key")), ApiJson.Default.ApiErrorBody, 404));
        }

        foreach (var path in (string[])["/v1/messages", "/v1/responses", "/v1/chat/completions"]) _daemon.On($"POST {path}", AnswerAsync);
    }

    public async ValueTask DisposeAsync()
    {
        _line.Dispose();
        await _daemon.DisposeAsync();
    }

    /// <summary>As the gateway: only with a key that it knows.</summary>
    private async Task AnswerAsync(HttpContext context)
    {
        var key = context.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal);
        if (!_keys.ContainsValue(key))
        {
            context.Response.StatusCode = 401;
            await context.Response.WriteAsync("""{"error":{"message":"the key is not known","code":"invalid_api_key"}}""");
            return;
        }

        context.Response.Headers["x-helix-provider"] = "builtin";
        context.Response.Headers["x-helix-model"] = "tiny";
        await context.Response.WriteAsync("""{"id":"1"}""");
    }

    private static KeyReport Report(KeyValuePair<string, string> key) => new(key.Key, key.Value[..9], ["infer"], FakeDaemon.Moment, null);

    private protected static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
