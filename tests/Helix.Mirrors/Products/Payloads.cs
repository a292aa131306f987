namespace Helix.Mirrors.Products;

/// <summary>What each provider's real distribution consists of, with the stand-in inside. Names of files are those of <c>providers/*.yaml</c>.</summary>
internal sealed class Payloads(Wrapper wrapper)
{
    private readonly ArchiveProducts _archives = new(wrapper);
    private readonly PythonProducts _python = new(wrapper);

    /// <summary>Identifiers of the providers that have a payload; <c>jan</c> has an empty one, for it is attached to.</summary>
    public static IReadOnlyList<string> Providers { get; } =
        ["vllm", "tabbyapi", "mistralrs", "localai", "fastchat", "lmstudio", "mlx", "jan", "textgen", "koboldai", "gpt4all", "llamacpp"];

    public Payload For(string provider, string version) => provider switch
    {
        "vllm" => _python.ForVllm(version),
        "tabbyapi" => _python.ForTabby(version),
        "fastchat" => _python.ForFastChat(version),
        "mlx" => _python.ForMlx(version),
        "mistralrs" => _archives.ForMistralRs(version),
        "localai" => _archives.ForLocalAi(version),
        "lmstudio" => _archives.ForLmStudio(version),
        "textgen" => _archives.ForTextGen(version),
        "koboldai" => _archives.ForKobold(version),
        "llamacpp" => _archives.ForLlamaServer(version),
        "gpt4all" => Gpt4AllProduct.For(version),
        "jan" => new Payload("jan", version),
        _ => throw new ArgumentException($"there is no payload for {provider}", nameof(provider)),
    };
}
