using System.Text.Json;

namespace Helix.EngineHost;

/// <summary>Reads the JSON object a request brings.</summary>
internal static class RequestBody
{
    /// <summary>Bodies above this many bytes are not read on the thread that serves all sockets.</summary>
    private const int Large = 16 * 1024;

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    /// <summary>Null, and a fault, if the body is no JSON object.</summary>
    public static async Task<JsonDocument?> ReadAsync(HttpContext http, List<Refusal> faults)
    {
        try
        {
            if (http.Request.ContentLength is null or > Large)
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            var body = await JsonDocument.ParseAsync(http.Request.Body, s_strict, http.RequestAborted);
            if (body.RootElement.ValueKind == JsonValueKind.Object)
                return body;
            faults.Add(Refusal.Invalid("invalid_json", null, $"The body must be a JSON object, not {RequestFields.Words(body.RootElement)}."));
            body.Dispose();
        }
        catch (JsonException error)
        {
            faults.Add(Refusal.Invalid("invalid_json", null, $"The body is not valid JSON: {error.Message}"));
        }
        catch (BadHttpRequestException error)
        {
            faults.Add(new Refusal(error.StatusCode, error.Message, Refusal.InvalidRequest, "invalid_request"));
        }

        return null;
    }
}
