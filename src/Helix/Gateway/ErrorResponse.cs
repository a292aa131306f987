using System.Globalization;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>Answers a request with an error; only before anything else was sent.</summary>
internal static class ErrorResponse
{
    public static async Task WriteAsync(HttpContext context, GatewayError error, Dialect? dialect = null)
    {
        var body = (dialect ?? OpenAiDialect.Instance).Error(error, context.TraceIdentifier);
        context.Response.StatusCode = error.Status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        if (error.RetryAfter is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (error.Status == 413) context.Response.Headers.Connection = "close";
        await context.Response.BodyWriter.WriteAsync(body);
    }
}
