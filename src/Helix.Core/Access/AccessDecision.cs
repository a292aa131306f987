namespace Helix.Core.Access;

/// <summary>May this request go on?</summary>
internal abstract record AccessDecision
{
    private AccessDecision() { }

    internal sealed record Allow : AccessDecision
    {
        public static Allow Instance { get; } = new();
    }

    /// <param name="Code">Stable, for programs.</param>
    /// <param name="Remedy">What the one who asked can do.</param>
    internal sealed record Refuse(int Status, string Code, string Message, string Remedy) : AccessDecision;
}
