using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Helix.EngineHost;

/// <summary>Writes whole answers.</summary>
internal static class Reply
{
    /// <summary>Text goes out as it is, readable; nothing is put into HTML here.</summary>
    public static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static Task RefuseAsync(HttpContext http, Refusal refusal)
    {
        if (refusal.RetryAfter is { } seconds)
            http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return JsonAsync(http, refusal.Status, refusal.Write);
    }

    /// <summary>All faults of a request in one refusal; the first gives parameter and code.</summary>
    public static Task RefuseAsync(HttpContext http, IReadOnlyList<Refusal> faults) =>
        RefuseAsync(http, faults[0] with { Message = string.Join(" ", faults.Select(fault => fault.Message)) });

    public static async Task JsonAsync(HttpContext http, int status, Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>();
        await using (var json = new Utf8JsonWriter(body, Json))
            write(json);
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.WrittenCount;
        await http.Response.BodyWriter.WriteAsync(body.WrittenMemory, http.RequestAborted);
    }
}
