using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Helix.StandIn.Serving;

/// <summary>The body is no JSON object.</summary>
internal sealed class Unreadable(string why) : Exception(why);

/// <summary>One request and its answer.</summary>
internal sealed class Call(HttpContext context)
{
    // as Python, Go and C++ write it: nothing is escaped that need not be
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    private JsonObject? _body;

    public string Path => context.Request.Path.Value!;

    public string Method => context.Request.Method;

    public CancellationToken Gone => context.RequestAborted;

    public string Host => context.Request.Host.Host;

    /// <summary>With its port.</summary>
    public string Authority => context.Request.Host.ToString();

    public string? Header(string name) => context.Request.Headers[name].FirstOrDefault();

    public string? Query(string name) => context.Request.Query[name].FirstOrDefault();

    /// <summary>The token of <c>Authorization: Bearer</c>, else what stands in one of these headers.</summary>
    public string? Key(params ReadOnlySpan<string> headers)
    {
        if (Header("Authorization") is { } bearer && bearer.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return bearer["Bearer ".Length..];
        foreach (var header in headers)
            if (Header(header) is { } key)
                return key;
        return null;
    }

    /// <exception cref="Unreadable">It is no JSON object.</exception>
    public async Task<JsonObject> BodyAsync()
    {
        if (_body is not null) return _body;
        try
        {
            return _body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: Gone) as JsonObject ?? throw new Unreadable("Input should be a JSON object");
        }
        catch (JsonException exception)
        {
            throw new Unreadable(exception.Message);
        }
    }

    /// <exception cref="Unreadable">It is no form.</exception>
    public async Task<IFormCollection> FormAsync()
    {
        if (!context.Request.HasFormContentType) throw new Unreadable("expected multipart/form-data");
        try
        {
            return await context.Request.ReadFormAsync(Gone);
        }
        catch (InvalidDataException exception)
        {
            throw new Unreadable(exception.Message);
        }
    }

    public string Cookies => context.Request.Headers.Cookie.ToString();

    public void SetCookie(string value) => context.Response.Headers.Append("Set-Cookie", value);

    public async Task<string> TextAsync()
    {
        using var reader = new StreamReader(context.Request.Body);
        return await reader.ReadToEndAsync(Gone);
    }

    public void SetHeader(string name, string value) => context.Response.Headers[name] = value;

    public Task SendAsync(int status, JsonNode json) => SendAsync(status, json.ToJsonString(s_plain), "application/json");

    public Task SendAsync(int status, string text, string type = "text/plain; charset=utf-8") => SendAsync(status, Encoding.UTF8.GetBytes(text), type);

    public async Task SendAsync(int status, byte[] bytes, string type)
    {
        context.Response.StatusCode = status;
        if (bytes.Length > 0) context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        if (Method != "HEAD") await context.Response.Body.WriteAsync(bytes, Gone);
    }

    public async Task BeginStreamAsync(string type = "text/event-stream; charset=utf-8")
    {
        context.Response.ContentType = type;
        context.Response.Headers.CacheControl = "no-cache";
        await context.Response.Body.FlushAsync(Gone);
    }

    public Task EventAsync(JsonNode json) => EventAsync(json.ToJsonString(s_plain));

    public Task EventAsync(string data) => WriteAsync($"data: {data}\n\n");

    public async Task WriteAsync(string text)
    {
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), Gone);
        await context.Response.Body.FlushAsync(Gone);
    }

    /// <summary>Breaks the connection.</summary>
    public void Break() => context.Abort();
}
