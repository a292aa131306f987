namespace Helix.Core.Cli;

/// <summary>Scripts that ask helix itself what could come next, through its <c>[suggest]</c> directive.</summary>
internal static class CompletionScript
{
    public static IReadOnlyList<string> Shells { get; } = ["bash", "zsh", "fish"];

    public static string For(string shell) => shell switch
    {
        "bash" => """
            _helix() {
                local word=${COMP_WORDS[COMP_CWORD]} program=${COMP_WORDS[0]} line=helix${COMP_LINE#"${COMP_WORDS[0]}"}
                local point=$((COMP_POINT - ${#program} + 5))
                COMPREPLY=()
                while IFS= read -r reply; do
                    case $reply in "$word"*) COMPREPLY+=("$reply") ;; esac
                done < <("$program" "[suggest:$point]" "$line" 2>/dev/null)
            }
            complete -o default -F _helix helix ./helix

            """,
        "zsh" => """
            #compdef helix
            _helix() {
                local line="helix${BUFFER#${words[1]}}" point=$((CURSOR - ${#words[1]} + 5))
                local -a replies
                replies=("${(@f)$("${words[1]}" "[suggest:$point]" "$line" 2>/dev/null)}")
                compadd -- ${replies:#}
            }
            compdef _helix helix ./helix

            """,
        _ => """
            function _helix
                set -l program (commandline -opc)[1]
                set -l line (commandline -cp)
                set -l rest (string sub -s (math (string length -- $program) + 1) -- $line)
                $program "[suggest:"(string length -- "helix$rest")"]" "helix$rest" 2>/dev/null
            end
            complete -c helix -f -a '(_helix)'

            """,
    };
}
