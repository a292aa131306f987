using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Helix.Contracts;

namespace Helix.Access;

/// <summary>Answers of helix's own API: JSON of <see cref="ApiJson"/>, refusals as <see cref="ApiErrorBody"/>.</summary>
internal static class ApiAnswer
{
    public static async Task OkAsync<T>(HttpContext context, T answer, JsonTypeInfo<T> type, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer, type), context.RequestAborted);
    }

    /// <returns>Null where it is longer than that.</returns>
    public static async Task<byte[]?> BodyAsync(HttpContext context, int mostBytes)
    {
        var body = new byte[mostBytes + 1];
        var length = await context.Request.Body.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, context.RequestAborted);
        return length > mostBytes ? null : body[..length];
    }

    /// <summary>Whether it may be the path of a file, from the root on. No system takes a NUL in one.</summary>
    public static bool IsWholePath(string path) => Path.IsPathFullyQualified(path) && !path.Contains('\0');

    public static Task RefuseAsync(HttpContext context, int status, ApiError error) =>
        OkAsync(context, new ApiErrorBody(error), ApiJson.Default.ApiErrorBody, status);
}
