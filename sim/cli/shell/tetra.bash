# Completion of bash for tetra and ./sim: networks, commands, options of the command that is typed, and files.
_tetra() {
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=() words commands
  commands=" $("${COMP_WORDS[0]}" --help 2>/dev/null | sed -n 's/^ *sim \([a-z][a-z]*\) .*/\1/p' | tr '\n' ' ')"
  case $commands in *" ${COMP_WORDS[1]} "*) command=("${COMP_WORDS[1]}") ;; esac
  case $previous in
    --precision) words='w8a8 w4a8 w4a4 w4a4-init8-dense8' ;;
    --check) words='layer final none' ;;
    --backend) words='rtl cmodel fast' ;;
    --color) words='auto always never' ;;
    --layout) words='nhwc nchw' ;;
    --array) words='4 8 16 32 64' ;;
    *)
      if [[ $word == -* ]]; then
        # A line may begin with several options: what follows two spaces, or a word in capitals, explains them.
        words=$("${COMP_WORDS[0]}" "${command[@]}" --help 2>/dev/null | sed -n 's/^  *\(-.*\)/\1/p' | sed 's/   *.*//' | grep -o -- '--[a-z0-9][a-z0-9-]*' | sort -u)
      elif [ "$COMP_CWORD" -eq 1 ]; then
        words="resnet18 resnet34 resnet50 resnet101 resnet152$commands"
      fi ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "${words:-}" -- "$word")
}
complete -o default -F _tetra tetra sim ./sim
