using System.Text.Json;

namespace Helix.EngineHost;

/// <summary>Reads the JSON object a request brings.</summary>
internal static class RequestBody
{
    /// <summary>Bodies above this many bytes are not dealt with on the thread that serves all sockets.</summary>
    private const int Large = 16 * 1024;

    /// <summary>No more than this is set aside for what a client only says it will send.</summary>
    private const int LargestStart = 1024 * 1024;

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    /// <summary>Null, and a fault, if the body is no JSON object. After a large body the caller goes on beside the thread that serves all sockets.</summary>
    public static async Task<JsonDocument?> ReadAsync(HttpContext http, List<Refusal> faults)
    {
        try
        {
            var bytes = new MemoryStream((int)Math.Min(http.Request.ContentLength ?? 0, LargestStart));
            await http.Request.Body.CopyToAsync(bytes, http.RequestAborted);
            // its last bytes came on the sockets' own thread, which goes on with whatever follows until it is told otherwise
            if (bytes.Length > Large)
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            var json = WithoutMark(bytes.GetBuffer().AsMemory(0, (int)bytes.Length));
            CheckNames(json.Span);
            var body = JsonDocument.Parse(json, s_strict);
            if (body.RootElement.ValueKind == JsonValueKind.Object)
                return body;
            faults.Add(Refusal.Invalid("invalid_json", null, $"The body must be a JSON object, not {RequestFields.Words(body.RootElement)}."));
            body.Dispose();
        }
        catch (JsonException error)
        {
            faults.Add(Refusal.Invalid("invalid_json", null, $"The body is not valid JSON: {error.Message}"));
        }
        catch (InvalidOperationException)
        {
            faults.Add(Refusal.Invalid("invalid_json", null, "The name of a field is not valid Unicode: half of a surrogate pair stands alone."));
        }
        catch (BadHttpRequestException error)
        {
            faults.Add(new Refusal(error.StatusCode, error.Message, Refusal.InvalidRequest, "invalid_request"));
        }

        return null;
    }

    /// <summary>Half of a character in a name would be an error wherever the name is asked for; one in a text is told with its path.</summary>
    /// <exception cref="InvalidOperationException">There is one in a name.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    private static void CheckNames(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("\\ud"u8) < 0 && json.IndexOf("\\uD"u8) < 0)
            return;
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
            if (reader is { TokenType: JsonTokenType.PropertyName, ValueIsEscaped: true })
                reader.GetString();
    }

    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> utf8) => utf8.Span.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
}
