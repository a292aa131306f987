using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>Everything under <c>/v1</c>, what is not served included.</summary>
internal sealed class OpenAiRoutes(InferenceEndpoint inference, ModelsEndpoint models)
{
    private const string ModelPrefix = "/v1/models/";

    private static readonly string s_paths = string.Join(", ", InferenceRoute.All.Select(route => route.Path));

    public ValueTask ServeAsync(HttpContext context, string key)
    {
        var path = context.Request.Path.Value!;
        return path switch
        {
            _ when InferenceRoute.Of(path) is { } route => InferAsync(context, route, key),
            "/v1/responses" => InferAsync(context, InferenceRoute.Chat, key, new ResponsesDialect()),
            "/v1/messages" => InferAsync(context, InferenceRoute.Chat, key, AnthropicDialect.Messages),
            "/v1/messages/count_tokens" => InferAsync(context, InferenceRoute.Chat, key, AnthropicDialect.CountTokens),
            "/v1/models" => new(IsRead(context) ? models.ListAsync(context) : WrongMethodAsync(context, "GET")),
            _ when path.StartsWith(ModelPrefix, StringComparison.Ordinal) && path.Length > ModelPrefix.Length =>
                new(IsRead(context) ? models.FindAsync(context, path[ModelPrefix.Length..]) : WrongMethodAsync(context, "GET")),
            _ => new(ErrorResponse.WriteAsync(context, new GatewayError(
                404, "not_found", $"There is nothing at this path. Served are GET /v1/models, POST {s_paths}, /v1/responses and, in Anthropic's words, /v1/messages and /v1/messages/count_tokens."), Dialect.Of(path))),
        };
    }

    private ValueTask InferAsync(HttpContext context, InferenceRoute route, string key, Dialect? dialect = null) =>
        HttpMethods.IsPost(context.Request.Method) ? inference.ServeAsync(context, route, key, dialect ?? OpenAiDialect.Instance) : new(WrongMethodAsync(context, "POST"));

    private static bool IsRead(HttpContext context) => HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);

    private static Task WrongMethodAsync(HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        return ErrorResponse.WriteAsync(context, new GatewayError(405, "method_not_allowed", $"This path takes {allowed} only."), Dialect.Of(context.Request.Path.Value));
    }
}
