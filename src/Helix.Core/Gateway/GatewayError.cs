namespace Helix.Core.Gateway;

/// <summary>A refusal on its way to a client, to be written in OpenAI's shape.</summary>
/// <param name="Code">Stable, for programs.</param>
/// <param name="Message">What happened, why, and what to do.</param>
/// <param name="Param">The request's parameter at fault.</param>
/// <param name="RetryAfter">Seconds after which another try may succeed.</param>
internal sealed record GatewayError(int Status, string Code, string Message, string? Param = null, int? RetryAfter = null)
{
    public string Type => Status switch
    {
        403 => "permission_error",
        429 => "rate_limit_error",
        502 => "upstream_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };
}
