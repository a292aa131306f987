namespace Helix.StandIn.Poses;

/// <summary>Every pose by its name.</summary>
internal static class Cast
{
    public static IReadOnlyDictionary<string, Func<Stage, Task<int>>> Poses { get; } = new Dictionary<string, Func<Stage, Task<int>>>(StringComparer.Ordinal)
    {
        ["llamacpp"] = LlamaServer.RunAsync,
        ["vllm"] = Vllm.RunAsync,
        ["tabbyapi"] = Tabby.RunAsync,
        ["mistralrs"] = MistralRs.RunAsync,
        ["localai"] = LocalAi.RunAsync,
        ["fastchat-controller"] = FastChatController.RunAsync,
        ["fastchat-worker"] = FastChatWorker.RunAsync,
        ["fastchat-api"] = FastChatApi.RunAsync,
        ["llmster"] = Llmster.RunAsync,
        ["lms"] = Lms.RunAsync,
        ["mlx"] = Mlx.RunAsync,
        ["textgen"] = TextGen.RunAsync,
        ["koboldai"] = Kobold.RunAsync,
        ["jan"] = Jan.RunAsync,
        ["gpt4all"] = Gpt4AllDesktop.RunAsync,
        ["ollama"] = Ollama.RunAsync,
        ["child"] = IdleAsync,
        ["hostile"] = Hostile.RunAsync,
        ["hog"] = Hog.RunAsync,
    };

    /// <summary>A child that some engine started: it only is there.</summary>
    private static async Task<int> IdleAsync(Stage stage)
    {
        await Task.Delay(Children.Longest, TimeProvider.System);
        return 0;
    }
}
