namespace Helix.Engine;

/// <summary>What is known of a loaded model.</summary>
/// <param name="ContextTrained">Tokens of context it was trained for.</param>
/// <param name="Bytes">Size of all tensors.</param>
/// <param name="Template">llama.cpp's name of the chat template; null if there is none or llama.cpp does not know it.</param>
/// <param name="TemplateText">The template as the model brings it; null if it brings none.</param>
/// <param name="Generates">False for a model that only encodes.</param>
/// <param name="ForgetsPart">Its memory can forget the end of a text and keep the beginning.</param>
/// <param name="Embeds">False for a model that ranks or otherwise has no embedding to give.</param>
internal sealed record ModelFacts(
    string Name,
    int ContextTrained,
    long Parameters,
    long Bytes,
    int EmbeddingLength,
    string? Template,
    string? TemplateText,
    bool Generates,
    bool ForgetsPart,
    bool Embeds);
