namespace Helix.Core.Gateway;

/// <summary>In whose words a client asks.</summary>
internal enum ClientDialect
{
    OpenAi,

    /// <summary>OpenAI's Responses API.</summary>
    Responses,
    Anthropic,
    Ollama,
}
