namespace Helix.Clouds;

/// <summary>A proxy does not lead to a cloud. Its message names the proxy, without the name and the password that it is told.</summary>
internal sealed class ProxyTrouble(string reason, Exception? cause = null) : IOException(reason, cause);
