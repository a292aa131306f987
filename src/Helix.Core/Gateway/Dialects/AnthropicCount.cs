namespace Helix.Core.Gateway.Dialects;

/// <summary>Tells from an answer only how long its prompt was.</summary>
/// <param name="estimate">What is told where the engine does not say, in tokens.</param>
internal sealed class AnthropicCount(int estimate) : WholeTranslation
{
    protected override ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> answer)
    {
        if (Read(answer) is not { } said) return default;
        return Told(said.Usage?.Prompt ?? estimate);
    }

    public static byte[] Told(long tokens) => DialectJson.Object(json => json.WriteNumber("input_tokens"u8, tokens));
}
