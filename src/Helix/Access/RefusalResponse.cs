using Helix.Contracts;
using Helix.Core.Access;
using Helix.Core.Gateway;
using Helix.Gateway;

namespace Helix.Access;

/// <summary>A refusal in the words of whoever is asked: helix's own API and the metrics in helix's shape, all else in that of a dialect.</summary>
internal static class RefusalResponse
{
    public static Task WriteAsync(HttpContext context, PathClass path, AccessDecision.Refuse refused)
    {
        if (refused.Status == 401) context.Response.Headers.WWWAuthenticate = "Bearer";
        return path.IsOwn()
            ? ApiAnswer.RefuseAsync(context, refused.Status, new ApiError(refused.Code, refused.Message, refused.Remedy))
            : ErrorResponse.WriteAsync(context, new GatewayError(refused.Status, refused.Code, $"{refused.Message} {refused.Remedy}"), Dialect.Of(context.Request.Path.Value));
    }
}
