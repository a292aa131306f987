namespace Helix.Core.Gateway;

/// <summary>A request as its client wrote it, in Anthropic's words, which some clouds speak too.</summary>
/// <param name="Betas">What its header <c>anthropic-beta</c> names, with commas between; empty for nothing.</param>
internal sealed record OwnWords(ReadOnlyMemory<byte> Body, string Betas);
