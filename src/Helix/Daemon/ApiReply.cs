using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Helix.Contracts;

namespace Helix.Daemon;

/// <summary>Answers of helix's own API.</summary>
internal static class ApiReply
{
    public static async Task SendAsync<T>(HttpContext context, T body, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(context.Response.Body, body, type, context.RequestAborted);
    }

    public static Task RefuseAsync(HttpContext context, int status, ApiError error) =>
        SendAsync(context, new ApiErrorBody(error), ApiJson.Default.ApiErrorBody, status);
}
