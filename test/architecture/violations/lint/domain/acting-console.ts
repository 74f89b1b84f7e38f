console.log('a rule does not speak');
